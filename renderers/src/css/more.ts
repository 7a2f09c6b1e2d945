/** Style sheets of the second chunk; the build puts a packed one in the place of this file. */
import compare from './compare.css';
import feedback from './feedback.css';
import frame from './frame.css';
import join from './join.css';
import links from './links.css';
import overview from './overview.css';
import tools from './tools.css';

export default () => [tools, compare, join, links, overview, feedback, frame].join('\n');
