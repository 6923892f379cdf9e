/** How much of a database is looked over: every page, which takes its time, or whether it answers and has its tables. */
export type DatabaseCheck = 'every page' | 'tables'
