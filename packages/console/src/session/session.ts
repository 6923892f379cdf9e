import { WeftClient } from '@weft/client'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { edgeAddress, edgePath } from '../routing/location.ts'
import { kept } from './kept.ts'

/** Another edge may lie beneath another path of the same host, and its pages are of the same site. */
const place = `weft-key${edgePath}`
const ofTab = kept(() => sessionStorage)

/** The key lasts as long as the tab, and is in no address. */
export const keptKey = (): string | undefined => ofTab.get(place)
export const keepKey = (key: string): void => ofTab.set(place, key)
export const forgetKey = (): void => ofTab.forget(place)

/** The API's own sentence tells of a header, which nobody types here. */
export const keyUnknown = 'This server does not know this key. Copy the whole key again, or ask an admin for one.'

/** Who is signed in, and the client that asks in their name. */
export class Session {
  readonly key: string
  readonly weft: WeftClient

  /** @param onRefused hears why the edge does not take the key (any more) */
  constructor(key: string, onRefused: (message: string) => void = () => {}) {
    this.key = key
    this.weft = new WeftClient({
      baseUrl: edgeAddress(),
      apiKey: key,
      fetch: async (request) => {
        const response = await fetch(request)
        if (response.status === 401) {
          const body = (await response
            .clone()
            .json()
            .catch(() => undefined)) as { error?: { code?: string; message?: string } } | undefined
          onRefused(body?.error?.code === 'invalid_api_key' ? keyUnknown : (body?.error?.message ?? 'The edge does not take this key.'))
        }
        return response
      },
    })
  }
}

export const SessionContext = createContext<Session | undefined>(undefined)

/** The session of a page; pages are shown to those alone who signed in. */
export const useSession = (): Session => useContext(SessionContext)!
