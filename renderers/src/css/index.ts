/** All style sheets, as one string. The build puts a packed one in the place of this file. */
import chat from './chat.css';
import detail from './detail.css';
import live from './live.css';
import onecall from './onecall.css';
import shell from './shell.css';
import tokens from './tokens.css';
import tree from './tree.css';

export default () => [tokens, shell, tree, live, detail, chat, onecall].join('\n');
