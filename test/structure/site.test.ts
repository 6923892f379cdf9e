import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../../docs/site/pages.ts'
import { pictures } from '../../docs/site/pictures.ts'
import { render } from '../../docs/site/render.ts'
import { sidebar } from '../../docs/site/sidebar.ts'
import { root } from './sources.ts'

const all = pages()
const bySource = new Map(all.map((page) => [page.file, page]))

test('the sidebar has every page, once', () => {
  const written = globSync('docs/**/*.md', { cwd: root, exclude: ['**/node_modules/**', 'docs/dist/**'] })
  const shown = sidebar(all).flatMap(({ items }) => items.flatMap((item) => ('slug' in item ? [item.slug] : [])))
  expect(new Set(shown).size).toBe(shown.length)
  const missing = written.filter((file) => file !== 'docs/README.md' && !shown.includes(bySource.get(file)?.slug ?? ''))
  expect(missing).toEqual([])
  expect(shown.length).toBeGreaterThan(40)
})

test('a page becomes one of the site: its heading the title, its links those of the site', () => {
  const page = bySource.get('docs/guides/peft.md')!
  const markdown =
    '# T\n\nSee [api](../reference/api.md#errors), [`x`](../../plugins/lora/README.md), [code](../../weft.config.ts), `[a](b.md)`.\n\n```\n[a](b.md)\n```\n'
  expect(render(page, markdown, bySource)).toEqual({
    text: '---\n{"title":"PEFT, in and out","editUrl":false}\n---\n\nSee [api](../../reference/api/#errors), [`x`](../../methods/lora/), code, `[a](b.md)`.\n\n```\n[a](b.md)\n```\n',
    pictures: [],
  })
  expect(() => render(page, '# T\n[gone](gone.md)', bySource)).toThrow('docs/guides/gone.md')
  for (const each of all) expect(render(each, readFileSync(join(root, each.file), 'utf8'), bySource).text).toContain(`"title":${JSON.stringify(each.title)}`)
})

test('the pictures are those that code draws (npm run docs -- --pictures)', () => {
  for (const [name, draw] of Object.entries(pictures)) expect(readFileSync(join(root, 'docs/pictures', name), 'utf8'), name).toBe(draw())
})
