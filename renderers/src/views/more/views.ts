import css from '../../css/more';
import { toCurl, toOpenAiPython } from '../../model/snippets';
import { Compare } from '../compare/Compare';
import { Feedback } from '../feedback/Feedback';
import { Judges } from '../feedback/Judges';
import { Frame } from '../frame/Frame';
import { Joined } from '../join/Joined';
import { GatewayTab, JoinedNote } from '../join/JoinedGateway';
import { Links } from '../links/Links';
import { Overview } from '../overview/Overview';
import { Prompts } from '../prompts/Prompts';
import { Replay } from '../replay/Replay';
import { Replayed } from '../replay/Replayed';
import { Filters } from '../tools/Filters';
import { Found } from '../tools/Found';
import { Help } from '../tools/Help';

/** What the second chunk gives: views by the name the first asks for, and their style sheet. */
export const views = {
  css,
  compare: Compare,
  overview: Overview,
  frame: Frame,
  joined: Joined,
  joinedNote: JoinedNote,
  gateway: GatewayTab,
  links: Links,
  judges: Judges,
  feedback: Feedback,
  replay: Replay,
  replayed: Replayed,
  prompts: Prompts,
  help: Help,
  filters: Filters,
  found: Found,
  snippets: { python: toOpenAiPython, curl: toCurl },
};

export type MoreViews = typeof views;
