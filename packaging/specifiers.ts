/** `from '…'`, `import '…'`, `import('…')`, `import.meta.resolve('…')` and `require.resolve('…')`, in code and in declarations. */
const imported = /(\bfrom\s*|\bimport\s+|\bimport\(\s*|\bimport\.meta\.resolve\(\s*|\brequire\.resolve\(\s*)(['"])([@\w.][\w@./:-]*)\2/g
/** A file that a file names by its own place: a program that it starts, or data. What is imported so is for the repository alone. */
const beside = /(?<!\bimport\()(\bnew URL\(\s*)(['"])([^'"\n]+)\2(?=,\s*import\.meta\.url\))/g

/** Examples in doc comments import what the package itself does not. */
const withoutDocComments = (text: string): string => text.replace(/^\s*\*.*$/gm, '')

/** Every module that a file names: as it is written, a neighbour with `./` before it. */
export const specifiersOf = (text: string): string[] => {
  const code = withoutDocComments(text)
  const modules = [...code.matchAll(imported)].map((match) => match[3]!)
  const files = [...code.matchAll(beside)].map((match) => match[3]!.replace(/^(?!\.)/, './'))
  return [...new Set([...modules, ...files])]
}

const built = (whole: string, before: string, quote: string, name: string): string =>
  /^\.{1,2}\/.*\.tsx?$/.test(name) || (before.startsWith('new URL') && /\.ts$/.test(name))
    ? `${before}${quote}${name.replace(/\.tsx?$/, '.js')}${quote}`
    : whole

/** What the compiler leaves as `.ts` (imports in declarations, programs named by their place) is `.js` in what is published. */
export const withBuiltExtensions = (text: string): string => text.replace(imported, built).replace(beside, built)

/** `@scope/name/path` without its path. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
