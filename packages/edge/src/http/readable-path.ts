/**
 * A pattern of the router as readers write it: `/v1/adapters/{name}/versions`, `/v1/adapters/{name}/aliases/{alias}`. A parameter with slashes and what follows it are one pattern to the router,
 * `:nameVersions{.+/versions}`, which the document's generator spells `{nameVersions{.+}/versions}`.
 */
export const readablePath = (pattern: string): string =>
  pattern
    .replace(/:([a-z]+)\w*\{\.\+([^}]*)\}/g, '{$1}$2')
    .replace(/\{([a-z]+)\w*\{\.\+\}([^}]*)\}/g, '{$1}$2')
    .replace('/aliases/.+', '/aliases/{alias}')
    .replace(/:(\w+)/g, '{$1}')
