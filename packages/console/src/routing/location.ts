import { useEffect, useState } from 'preact/hooks'

/** The folder that a script of the console came from lies in that of its pages, which may lie beneath a path of the host: `/tools/weft/console`. */
export const rootOf = (script: string): string => /^(.*)\/assets\/[^/]+$/.exec(new URL(script).pathname)?.[1] ?? '/console'

/** All pages lie under it. */
const root = rootOf(import.meta.url)

/** The edge's path on its host: what stands before `/console`, most often nothing. */
export const edgePath = root.slice(0, root.lastIndexOf('/'))

export const edgeAddress = (): string => location.origin + edgePath

/** Where the console stands: `/console/adapters/style/speech?version=2` is the page `adapters`, with `rest` `style/speech`. */
export interface Place {
  page: string
  rest: string
  query: URLSearchParams
}

export const readPlace = (pathname: string, search: string): Place => {
  const [page = '', ...rest] = pathname.slice(root.length).split('/').filter(Boolean).map(decoded)
  return { page, rest: rest.join('/'), query: new URLSearchParams(search) }
}

/** What a browser takes for an address may hold a percent sign that begins no letter: it stands for itself then. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of a page, and of something on it. */
export const addressOf = (page: string, rest = '', query: Record<string, string> = {}): string => {
  const path = [root, page, ...rest.split('/').filter(Boolean).map(encodeURIComponent)].filter(Boolean).join('/')
  const search = new URLSearchParams(query).toString()
  return search ? `${path}?${search}` : path
}

const changed = 'weft-navigated'

let moved = false

/** Whether anything but the first address was gone to; the first page leaves the focus where the browser puts it. */
export const hasMoved = (): boolean => moved

/** Goes to an address of the console without loading it anew. */
export const navigate = (address: string, { replace = false } = {}): void => {
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  dispatchEvent(new Event(changed))
}

/** Where the console stands now; renders again when that changes. */
export const usePlace = (): Place => {
  const [place, setPlace] = useState(() => readPlace(location.pathname, location.search))
  useEffect(() => {
    const update = (): void => {
      moved = true
      setPlace(readPlace(location.pathname, location.search))
    }
    for (const name of ['popstate', changed]) addEventListener(name, update)
    return () => {
      for (const name of ['popstate', changed]) removeEventListener(name, update)
    }
  }, [])
  return place
}
