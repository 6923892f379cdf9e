import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** A Markdown file of the repository, and where the site shows it. */
export interface Page {
  /** From the repository's root: `docs/guides/peft.md`. */
  readonly file: string
  /** `guides/peft`; a folder's README.md is the folder: `guides`. The front page is ''. */
  readonly slug: string
  readonly title: string
  /** The sidebar's section; none for the front page. */
  readonly section?: string
}

/** Folders of `docs` in the order of a reader who is new. A folder that is not named here comes after them, by its name. */
const order = ['start', 'guides', 'clients', 'operating', 'reference', 'examples', 'contracts']

const slugOf = (file: string): string => {
  const folder = dirname(file)
    .replace(/^docs(\/|$)/, '')
    .replace(/^gpu-runner/, 'packages/gpu-runner')
    .replace(/^plugins/, 'methods')
  const name = basename(file, '.md')
  return (name === 'README' ? folder : posix.join(folder, name)).toLowerCase()
}

const titleOf = (file: string): string => {
  const title = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1]
  if (title === undefined) throw new Error(`${file} has no heading of the first level: a page takes its title from there`)
  return title.replaceAll('`', '')
}

const sectionOf = (slug: string): string | undefined => (slug === '' ? undefined : slug.includes('/') || order.includes(slug) ? slug.split('/')[0] : 'more')

/** Where a section stands, and who comes first in it: its README.md, then the pages in the order that this one links them, then the rest by title. */
const linked = (section: string): string[] => {
  const index = `docs/${section}/README.md`
  const text = globSync(index, { cwd: root }).length ? readFileSync(join(root, index), 'utf8') : ''
  return [index, ...[...text.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => `docs/${section}/${name}`)]
}

const place = (at: number): number => (at < 0 ? Number.MAX_SAFE_INTEGER : at)

/** Every page of the site, as the sidebar has them. A new file under `docs`, or a README.md of a package or a method, is a page at once. */
export function pages(): Page[] {
  const files = globSync(['docs/**/*.md', '{packages,plugins}/*/README.md', 'gpu-runner/README.md'], {
    cwd: root,
    exclude: ['**/node_modules/**', 'docs/dist/**'],
  })
  const found = files.map((file) => ({ file, slug: slugOf(file), title: titleOf(file), section: sectionOf(slugOf(file)) }))
  const first = new Map([...new Set(found.map(({ section = '' }) => section))].map((section) => [section, linked(section)]))
  const key = ({ section = '', file }: Page): [number, number] => [
    section === '' ? -1 : place(order.indexOf(section)),
    place(first.get(section)!.indexOf(file)),
  ]
  return found.sort((a, b) => {
    const [one, other] = [key(a), key(b)]
    return one[0] - other[0] || (a.section ?? '').localeCompare(b.section ?? '') || one[1] - other[1] || a.title.localeCompare(b.title)
  })
}

/** From one page of the site to another file of it, relative, so that the site can lie anywhere. */
export const fromTo = (slug: string, target: string): string => posix.relative(`/${slug}`, `/${target}`) || '.'
