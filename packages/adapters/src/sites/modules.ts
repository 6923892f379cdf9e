/** A `<module>.<tensor>` name's two parts. */
export const splitName = (name: string): [module: string, tensor: string] => {
  const at = name.lastIndexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}
