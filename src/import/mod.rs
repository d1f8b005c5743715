//! What comes in from other programs: one format, one file.
//!
//! [`mef`] reads fault trees of the Open-PSA model exchange format. [`xml`] is what formats in XML have below them: elements
//! with their places, read without recursion.
//!
//! Never: the file system; text comes in and somebody else has read it. Nothing that is read is ever run or fetched.

pub mod mef;
pub mod xml;
