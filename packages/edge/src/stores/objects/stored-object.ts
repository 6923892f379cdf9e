/** What lies in a store of objects, whether anything knows of it or not. */
export interface StoredObject {
  /** As its store names it: a digest, a file's id, `<job>/<step>`. */
  id: string
  bytes: number
  /** When it was written last. Seconds since 1970. */
  storedAt: number
}
