export interface BrowserLaunch {
  readonly executablePath: string;
  readonly args: string[];
}
export declare function findBrowser(): BrowserLaunch | undefined;
export declare function findOrInstallBrowser(): Promise<BrowserLaunch>;
