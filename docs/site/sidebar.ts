import { basename } from 'node:path'
import type { Page } from './pages.ts'

export interface Section {
  readonly label: string
  readonly collapsed: boolean
  readonly items: ({ readonly label: string; readonly slug: string } | { readonly label: string; readonly link: string })[]
}

/** Sections that a reader of the guides seldom opens. */
const closed = ['contracts', 'methods', 'packages']

/** Where `build.ts` puts the reference that is made of the edge's OpenAPI description. */
const apiReference = { label: 'Every endpoint (OpenAPI)', link: '/openapi/' }

/** The sidebar: a folder is a section, a file an entry. */
export function sidebar(pages: readonly Page[]): Section[] {
  const sections = Map.groupBy(
    pages.filter(({ section }) => section !== undefined),
    ({ section }) => section!,
  )
  return [...sections].map(([section, its]) => ({
    label: section[0]!.toUpperCase() + section.slice(1),
    collapsed: closed.includes(section),
    items: [
      ...its.map(({ title, slug, file }) => ({ label: basename(file) === 'README.md' && slug === section ? 'Overview' : title, slug })),
      ...(section === 'reference' ? [apiReference] : []),
    ],
  }))
}
