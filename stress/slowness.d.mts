export declare const SLOWNESS: number;
