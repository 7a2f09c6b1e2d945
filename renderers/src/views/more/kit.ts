/** What the second chunk takes from the first, and by which name it is left in the page. The build writes both. */
export const KIT = (): unknown[] => [];
export const MORE_ID: string = 'nbext.more';
