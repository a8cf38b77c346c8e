/** The original by file name, because the build resolves its package name to our replacement. */
declare module 'spark-md5/spark-md5.js' {
  export { default } from 'spark-md5';
}
