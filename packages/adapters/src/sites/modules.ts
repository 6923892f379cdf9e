/** Names of modules in `<module>.<tensor>` keys, each once. */
export const modulesOf = (state: Readonly<Record<string, unknown>>): string[] => [
  ...new Set(Object.keys(state).map((name) => name.slice(0, name.lastIndexOf('.')))),
]

/** One module's tensors under their own names: `{ a, b }`. */
export const byModule = <T>(state: Readonly<Record<string, T>>, module: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.slice(0, name.lastIndexOf('.')) === module)
      .map(([name, tensor]) => [name.slice(module.length + 1), tensor]),
  )
