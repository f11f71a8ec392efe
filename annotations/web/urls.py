"""Addresses of the pages of images, readings and datasets."""

from annotations.web import image_urls

app_name = "annotations"
urlpatterns = [*image_urls.urlpatterns]
