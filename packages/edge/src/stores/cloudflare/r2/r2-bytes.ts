/** An object's bytes; none where the object is there and cannot be read to its end, as when it was cut off in the store. */
export async function r2Bytes(bucket: R2Bucket, key: string): Promise<Uint8Array | undefined> {
  const read = async () => {
    const object = await bucket.get(key)
    return object ? new Uint8Array(await object.arrayBuffer()) : undefined
  }
  try {
    return await read()
  } catch {
    // Once more: what fails twice for an object that is there is the object's fault.
    return await read().catch(async (error) => {
      if ((await bucket.head(key)) === null) throw error
      return new Uint8Array()
    })
  }
}
