/** The deployment's `weft.config.ts`; `wrangler.toml` says which file that is. */
declare module 'weft.config' {
  const config: import('@weft/protocol').WeftConfig
  export default config
}
