/** How far above the mean a runner's load may go: Mirrokni, Thorup and Zadimoghaddam (2016) call it ε. The smaller, the more keys move to a second runner. */
export const epsilon = 0.2

/**
 * The most that one of so many runners may carry, the next request included: (1 + ε) times the mean, rounded up, as in "Consistent Hashing with Bounded
 * Loads" (Mirrokni, Thorup and Zadimoghaddam 2016). Whoever is at it hands on to the next of the key's ranking. All bounds together exceed the total, so one runner is below its own.
 */
export const boundOf = (total: number, runners: number): number => Math.ceil(((1 + epsilon) * (total + 1)) / runners)
