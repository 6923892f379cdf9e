/** A moment as a table shows it, in the time that "Z" stands for: `2026-11-29 13:05Z`. @param seconds since 1970; null for never */
export const utc = (seconds: number | null, to: 'minute' | 'second' = 'minute'): string =>
  seconds === null
    ? '–'
    : `${new Date(seconds * 1000)
        .toISOString()
        .slice(0, to === 'minute' ? 16 : 19)
        .replace('T', ' ')}Z`
