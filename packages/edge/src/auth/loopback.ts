const names = new Set(['127.0.0.1', 'localhost', '[::1]'])
const addresses = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** `127.0.0.1:8787`, as a Host header spells it: exactly a loopback name, with or without a port. */
export const isLoopbackAuthority = (authority: string): boolean => {
  const [, host = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(authority) ?? []
  return names.has(host.toLowerCase())
}

/** `http://localhost:3000`, as an Origin header spells it. `null`, the origin of a file or a sandboxed frame, is none. */
export const isLoopbackOrigin = (origin: string): boolean => {
  const [, authority] = /^https?:\/\/([^/?#@\s]+)$/i.exec(origin) ?? []
  return authority !== undefined && isLoopbackAuthority(authority)
}

export const isLoopbackAddress = (address: string): boolean => addresses.has(address)
