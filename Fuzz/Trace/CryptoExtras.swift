/// The other module of swift-crypto; its names are with the others.
@_exported import Crypto
