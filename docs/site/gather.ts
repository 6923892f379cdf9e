import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pages, root } from './pages.ts'
import { render } from './render.ts'
import { sidebar } from './sidebar.ts'

/** Where the site's sources are made: never committed. */
export const gathered = join(root, '.weft', 'docs')

/** Writes what Starlight reads: every page, the pictures, the sidebar. */
export function gather(): void {
  const all = pages()
  const bySource = new Map(all.map((page) => [page.file, page]))
  for (const folder of ['pages', 'public']) rmSync(join(gathered, folder), { recursive: true, force: true })
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(gathered, file)), { recursive: true })
    writeFileSync(join(gathered, file), text)
  }
  for (const page of all) {
    const { text, pictures } = render(page, readFileSync(join(root, page.file), 'utf8'), bySource)
    write(join('pages', page.slug === '' ? 'index.md' : `${page.slug}.md`), text)
    for (const picture of pictures) cpSync(join(root, picture), join(gathered, 'pages', picture), { recursive: true })
  }
  cpSync(join(import.meta.dirname, 'favicon.svg'), join(gathered, 'public', 'favicon.svg'))
  write('sidebar.json', JSON.stringify(sidebar(all)))
}
