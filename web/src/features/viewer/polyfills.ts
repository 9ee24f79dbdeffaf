// What pdf.js uses and browsers of 2020 and 2021 lack; its legacy build brings
// the rest. Not structuredClone: core-js's would call itself through the
// ArrayBuffer.transfer that pdf.js brings.
import "core-js/actual/array/at";
import "core-js/actual/array/find-last";
import "core-js/actual/array/find-last-index";
import "core-js/actual/object/has-own";
import "core-js/actual/string/at";
import "core-js/actual/typed-array/at";
