import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ErrorNote } from '../controls/error-note.tsx'
import { hasMoved, usePlace } from '../routing/location.ts'
import type { Page } from '../routing/page.ts'

/** Loads a page's code and shows it. After a navigation the page's heading gets the focus, so that a screen reader says where one is. */
export const Outlet = ({ page }: { page: Page }) => {
  const [loaded, setLoaded] = useState<{ Content: ComponentType }>()
  const [error, setError] = useState<unknown>()
  const { rest } = usePlace()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let gone = false
    page.load().then(
      ({ default: Content }) => !gone && setLoaded({ Content }),
      () => !gone && setError(new Error('This page could not be loaded. Is the server running? Load the console again.')),
    )
    return () => {
      gone = true
    }
  }, [page])
  useEffect(() => {
    document.title = `${page.title} · Weft`
    if (loaded && hasMoved()) place.current?.querySelector<HTMLElement>('h1')?.focus()
  }, [loaded, page, rest])
  if (error !== undefined) return <ErrorNote error={error} />
  return <div ref={place}>{loaded ? <loaded.Content /> : <p class="quiet">Loading …</p>}</div>
}
