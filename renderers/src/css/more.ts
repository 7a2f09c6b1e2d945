/** Style sheets of the second chunk; the build puts a packed one in the place of this file. */
import compare from './compare.css';
import feedback from './feedback.css';
import frame from './frame.css';
import join from './join.css';
import overview from './overview.css';
import tools from './tools.css';

export default [tools, compare, join, overview, feedback, frame].join('\n');
