// Package web holds the web app that tablets open: React and TypeScript under
// src, built by Vite into dist. With the build tag webdist the built app is
// part of the program; without it Go builds and tests need no web build, and a
// single page says so.
package web
