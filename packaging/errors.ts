/** A package that cannot be made; the message says which and what to change. */
export class PackingError extends Error {
  override name = 'PackingError'
}

export const packingFailed = (message: string): PackingError => new PackingError(message)

export const undeclared = (name: string, missing: readonly string[]): PackingError =>
  new PackingError(`${name} imports ${missing.join(', ')}, which its package.json does not declare. Add it to "dependencies".`)

export const unused = (name: string, extra: readonly string[]): PackingError =>
  new PackingError(`${name} declares ${extra.join(', ')}, which nothing in its package uses. Remove it from "dependencies", or move it to "devDependencies".`)

export const withoutReadme = (name: string, folder: string): PackingError =>
  new PackingError(`${name} has no README.md. Write ${folder}/README.md: what it is, and an example.`)

export const notExported = (name: string, user: string): PackingError =>
  new PackingError(`${user} imports ${name}, which that package does not export. Add it to the "exports" of its package.json.`)

export const notBuilt = (name: string, source: string): PackingError =>
  new PackingError(`${name} exports ${source}, which the compiler is not given. Add it to the programs of packaging/emit.ts.`)
