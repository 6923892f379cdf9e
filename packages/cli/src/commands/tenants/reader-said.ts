import type { ShareObject } from '@weft/protocol'

/** Whom a prefix is shared with. Only an operator's key is told whether there is such a tenant: where it is not said, nothing is. */
export const readerSaid = ({ reader, readerKnown }: Pick<ShareObject, 'reader' | 'readerKnown'>): string =>
  reader === '*' ? 'every tenant' : readerKnown === false ? `${reader} (no such tenant yet)` : reader
