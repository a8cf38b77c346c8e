/** Style sheets imported for their side effects. */
declare module '*.css';
