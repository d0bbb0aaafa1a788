//! Client kit: what a careful OAuth client decides, with a transport you can replace.
