/** Provided by `demo-server-plugin.js`. */
declare module 'virtual:demo-server' {
  const addresses: {
    readonly origin: string;
    readonly kodoOrigin: string;
    readonly domain: string;
    readonly accessKey: string;
    /** The local Kodo's secret key, so that a test can sign tokens that no server would issue. */
    readonly secretKey: string;
  };
  export default addresses;
}
