/** What stands before the first colon, but for a drive's letter: a mistyped URL is no file. `./a:b` is one. */
export const schemeOf = (place: string): string | undefined => /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]

/** `~/x`, which a shell would have replaced: a folder of that name was not meant. */
export const isHome = (place: string): boolean => /^~(\w*)(\/|$)/.test(place)
