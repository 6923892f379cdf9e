/** What a browser keeps for this site, by name. */
interface Kept {
  get(name: string): string | undefined
  set(name: string, value: string): void
  forget(name: string): void
}

/**
 * A storage of the browser's, or as long as the page is open where that keeps nothing for this site: even to look at one that a person has blocked throws.
 * @param storage looked at anew each time
 */
export const kept = (storage: () => Storage): Kept => {
  const here = new Map<string, string>()
  const tried = <T>(use: (storage: Storage) => T): T | undefined => {
    try {
      return use(storage())
    } catch {
      return undefined
    }
  }
  return {
    get: (name) => here.get(name) ?? tried((storage) => storage.getItem(name)) ?? undefined,
    set(name, value) {
      const isKept = tried((storage) => {
        storage.setItem(name, value)
        return true
      })
      if (isKept) here.delete(name)
      else here.set(name, value)
    },
    forget(name) {
      here.delete(name)
      tried((storage) => storage.removeItem(name))
    },
  }
}
