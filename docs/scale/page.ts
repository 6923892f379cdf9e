/** Puts tables between their marks. Errors where a mark has no table, or a table no mark. */
export function filled(page: string, tables: Readonly<Record<string, string>>): string {
  const used = new Set<string>()
  const text = page.replace(/(<!-- table: (\w+) -->\n)[^]*?(<!-- end -->)/g, (_, open: string, name: string, close: string) => {
    const table = tables[name]
    if (table === undefined) throw new Error(`scale.md has a mark for "${name}", of which there is no table`)
    used.add(name)
    return `${open}\n${table}\n\n${close}`
  })
  const lost = Object.keys(tables).filter((name) => !used.has(name))
  if (lost.length > 0) throw new Error(`scale.md has no mark for ${lost.join(', ')}`)
  return text
}
