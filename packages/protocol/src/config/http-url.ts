/** Whether a text is a URL that is asked over HTTP. */
export const isHttpUrl = (url: string): boolean => URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)

/** Where a runner is asked, and its name among others: what is asked of it is put behind. A path is kept: several may stand behind one gateway. */
export function runnerAddress(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/+$/, '')
}

/** What a runner's URL has that nobody would send, in words; undefined where there is nothing of that kind. */
export function strayPart(url: string): string | undefined {
  const { username, password, search, hash } = new URL(url)
  if (username || password) return 'a user or a password; what a runner asks for is RUNNER_TOKEN'
  return search ? 'a query' : hash ? 'a fragment' : undefined
}
