/** Made by `demo-server-plugin.js`. */
declare module 'virtual:demo-server' {
  const addresses: {
    readonly origin: string;
    readonly kodoOrigin: string;
    readonly domain: string;
    readonly accessKey: string;
    /** Of the local Kodo alone, so that a test may sign what no server would. */
    readonly secretKey: string;
  };
  export default addresses;
}
