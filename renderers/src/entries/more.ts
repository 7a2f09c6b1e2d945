/** The second chunk. */
export { views as default } from '../views/more/views';
