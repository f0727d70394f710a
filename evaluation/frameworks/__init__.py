"""Framework agreements (框架协议采购): who may supply small, frequent purchases, and each call-off."""
