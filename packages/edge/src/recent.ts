/**
 * Whether `at` lies within the last `ms` milliseconds. What seems to come later than now was heard before the clock was set back: nobody can tell how old
 * it is, and it is asked for anew.
 */
export const isRecent = (at: number, ms: number): boolean => {
  const age = Date.now() - at
  return age >= 0 && age < ms
}
