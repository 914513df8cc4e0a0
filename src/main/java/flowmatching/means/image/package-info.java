/** 8-bit images: conversion from and to a network's values, PNG files, contact sheets. */
package flowmatching.means.image;
