# Fairway alone, and Fairway with its proxy in one container, where the proxy is its child.
#
#   docker build -t fairway --target fairway .            without rights, for pipelines and for a proxy elsewhere
#   docker build -t fairway:haproxy --target haproxy .
#   docker build -t fairway:nginx --target nginx .
#   docker run -d --name edge -p 80:80 -p 443:443 --network edge --stop-timeout 40 \
#       -v /var/run/docker.sock:/var/run/docker.sock fairway:haproxy
#
# Settings come as FAIRWAY_... variables, or from /etc/fairway/fairway.yml. The proxy has 30 seconds to finish its
# requests when the container is stopped, and Docker by itself waits for ten.

FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY . /src
RUN python3 -m venv /opt/fairway && /opt/fairway/bin/pip install --no-cache-dir /src \
    && /opt/fairway/bin/pip uninstall --yes pip setuptools

FROM debian:bookworm-slim AS base
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
COPY --from=build /opt/fairway /opt/fairway
ENV PATH=/opt/fairway/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LABEL org.opencontainers.image.title="Fairway" \
    org.opencontainers.image.description="Container and network state in, a running nginx or HAProxy that follows it out." \
    org.opencontainers.image.licenses="MIT"
WORKDIR /etc/fairway
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["fairway", "health"]
ENTRYPOINT ["fairway"]
CMD ["watch"]

# No proxy and no rights. To follow an engine, give it the group of the engine's socket: --group-add. A HAProxy in another
# container, which answers its own user alone, runs as this one: --user 10001:10001.
FROM base AS fairway
RUN echo 'fairway:x:10001:10001:Fairway:/var/lib/fairway:/usr/sbin/nologin' >>/etc/passwd \
    && echo 'fairway:x:10001:' >>/etc/group \
    && mkdir -p /var/lib/fairway && chown fairway:fairway /var/lib/fairway
VOLUME /var/lib/fairway
USER fairway

FROM base AS nginx
RUN apt-get update && apt-get install --yes --no-install-recommends libnginx-mod-stream nginx \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
ENV FAIRWAY_PROXY=nginx
VOLUME /var/lib/fairway
EXPOSE 80 443

FROM base AS haproxy
RUN apt-get update && apt-get install --yes --no-install-recommends haproxy \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
ENV FAIRWAY_PROXY=haproxy
VOLUME /var/lib/fairway
EXPOSE 80 443
