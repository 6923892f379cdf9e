import { hubFileGone, hubGated, hubNotFound, hubRefused, hubRevisionNotFound, hubTokenRefused } from './errors.ts'
import type { Remote } from './remote.ts'

/** An answer of the hub that is none of success, with what its headers say of why. */
export class HubAnswer extends Error {
  readonly status: number
  /** `RepoNotFound`, `RevisionNotFound`, `EntryNotFound`, `GatedRepo`; null where it does not say. */
  readonly code: string | null

  constructor(response: Response) {
    super(response.headers.get('x-error-message') ?? '')
    this.status = response.status
    this.code = response.headers.get('x-error-code')
  }
}

/** `fetch`, as the hub's client takes one: the client would drop the header that says what is wrong. @throws HubAnswer */
export const answered: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  if (response.ok) return response
  await response.body?.cancel()
  throw new HubAnswer(response)
}

/**
 * What the hub's answer means to who asked, by the codes that huggingface_hub goes by (`hf_raise_for_status` in its utils/_http.py). A private repository is answered as one that does not exist, so
 * those two read alike.
 * @param file which of the repository's was asked for; its listing without
 */
export const refusalOf = ({ endpoint, name, revision, accessToken }: Remote, answer: HubAnswer, file?: string) => {
  const signedIn = accessToken !== undefined
  if (answer.code === 'RevisionNotFound') return hubRevisionNotFound(endpoint, name, revision)
  if (answer.code === 'GatedRepo') return hubGated(endpoint, name, signedIn)
  if (answer.code === 'EntryNotFound' && file !== undefined) return hubFileGone(endpoint, name, file, revision)
  if (answer.status === 401 && signedIn && /invalid credentials/i.test(answer.message)) return hubTokenRefused(endpoint)
  if (answer.code === 'RepoNotFound') return hubNotFound(endpoint, name, undefined, signedIn)
  // The hub answers 401 for what does not exist, too, unless a token is sent. A mirror may say no more.
  if (answer.status === 404 || (answer.status === 401 && !signedIn)) return hubNotFound(endpoint, name, revision, signedIn)
  return hubRefused(endpoint, file === undefined ? name : `${name}/${file}`, answer.status, answer)
}
