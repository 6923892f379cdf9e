/** Resident memory of this process in MB. */
export const resident = () => process.memoryUsage.rss() / 2 ** 20
