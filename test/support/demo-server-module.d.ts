/** Made by `demo-server-plugin.js`. */
declare module 'virtual:demo-server' {
  const addresses: {
    readonly origin: string;
    readonly kodoOrigin: string;
    readonly domain: string;
    readonly accessKey: string;
  };
  export default addresses;
}
