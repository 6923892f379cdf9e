import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fromTo, type Page, root } from './pages.ts'

/** A picture or another file that a page shows, and that has to lie beside it. */
export interface Rendered {
  readonly text: string
  readonly pictures: string[]
}

/**
 * A page for Starlight: its first heading becomes the title, links to other pages lead to these pages, pictures to their copies.
 * A link to source code, or to a folder, becomes its text: the site holds pages only.
 */
export function render(page: Page, markdown: string, bySource: ReadonlyMap<string, Page>): Rendered {
  const pictures: string[] = []
  const link = (whole: string, bang: string, label: string, target: string): string => {
    if (/^([a-z]+:|#)/.test(target)) return whole
    const [path = '', hash] = target.split('#')
    const file = posix.normalize(posix.join(dirname(page.file), path)).replace(/\/$/, '')
    if (bang) {
      pictures.push(file)
      // Astro looks for it beside the page's source.
      return `![${label}](./${posix.relative(posix.dirname(page.slug), file)})`
    }
    const to = bySource.get(file) ?? bySource.get(posix.join(file, 'README.md')) ?? (file === 'README.md' ? bySource.get('docs/README.md') : undefined)
    if (to) return `[${label}](${fromTo(page.slug, to.slug)}/${hash === undefined ? '' : `#${hash}`})`
    if (!existsSync(join(root, file))) throw new Error(`${page.file} links ${target}, and there is no ${file}`)
    return label
  }
  let inside = false
  const lines = markdown.split('\n').map((line) => {
    if (/^\s*```/.test(line)) inside = !inside
    // What stands between backticks is code, unless it is a link's label.
    return inside
      ? line
      : line.replace(/(!?)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)|`[^`]*`/g, (whole, bang, label, target) =>
          target === undefined ? whole : link(whole, bang, label, target),
        )
  })
  lines.splice(
    lines.findIndex((line) => line.startsWith('# ')),
    1,
  )
  const about = { title: page.title, editUrl: false }
  return { text: `---\n${JSON.stringify(about)}\n---\n${lines.join('\n')}`, pictures }
}
