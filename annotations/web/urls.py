"""Addresses of the pages of images, readings and datasets."""

from annotations.web import emergency_urls, flow_urls, image_urls, permission_urls

app_name = "annotations"
urlpatterns = [
    *emergency_urls.urlpatterns,
    *image_urls.urlpatterns,
    *flow_urls.urlpatterns,
    *permission_urls.urlpatterns,
]
