import { pathToFileURL } from 'node:url'

/**
 * Imports somebody's module. One that ends the process while it is read would end it in silence, and as one that is done; what it throws at nobody ends it too.
 * @param ended hears why, in both cases, as the process goes, and sets its exit code
 */
export async function importModule(path: string, ended: (cause: unknown) => void): Promise<unknown> {
  // No error, which would have a place: nobody knows the line.
  let cause: unknown = 'the process ended before that was read; a module in it calls process.exit, or awaits what never comes'
  const thrown = (error: unknown): void => {
    cause = error
  }
  const exit = (): void => ended(cause)
  process.once('uncaughtExceptionMonitor', thrown).once('exit', exit)
  try {
    return await import(pathToFileURL(path).href)
  } finally {
    process.off('uncaughtExceptionMonitor', thrown).off('exit', exit)
  }
}
