/**
 * Milliseconds since 1970 of a day, `2027-06-30` (its beginning in UTC), or of a moment of one, `2027-06-30T12:00:00Z`; nothing for a day that there is not.
 * `Date.parse` alone takes 2 March for 30 February, and the year 2001 for a 1.
 */
export function timeOfDate(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text.slice(0, 10) ? at : undefined
}
