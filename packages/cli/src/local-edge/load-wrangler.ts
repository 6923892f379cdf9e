/** wrangler's functions, in this process. They too would write a log of every start into the user's home folder. */
export const loadWrangler = (): Promise<typeof import('wrangler')> => {
  process.env.WRANGLER_WRITE_LOGS = 'false'
  return import('wrangler')
}
