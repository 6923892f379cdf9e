import { background, reset, restart } from './host.test.host.ts'

export { reset, restart as abortAllDurableObjects }

/** A database that is opened has its migrations. */
export const applyD1Migrations = async (): Promise<void> => {}
export const createExecutionContext = () => background.context
export const waitOnExecutionContext = () => background.settled()
export const createScheduledController = () => ({})
